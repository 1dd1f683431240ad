# shellcheck shell=sh
# Read by every terminal: programs of the environment of one's own first, then the image's.
# (A login shell has lost the image's PATH by now, /etc/profile sets its own.)
case :$PATH: in
    *:/opt/lifedesk/terminal:*) ;;
    *)
        case :$PATH: in *:/opt/venv/bin:*) ;; *) PATH=/opt/venv/bin:$PATH ;; esac
        PATH=/opt/lifedesk/terminal:$PATH
        if [ -n "${LIFEDESK_ENVIRONMENTS:-}" ]; then
            VIRTUAL_ENV=$LIFEDESK_ENVIRONMENTS/my-packages
            PATH=$VIRTUAL_ENV/bin:$PATH
            export VIRTUAL_ENV
        fi
        export PATH
        ;;
esac
# What is started here is ended before the session's server when memory is used up (lifedesk_lab.memory_score).
{ echo 500 > /proc/self/oom_score_adj; } 2> /dev/null || :
