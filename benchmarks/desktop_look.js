// What a benchmark asks of a page that shows a desktop: whether it is painted, how long a key takes, how often it changes.
(() => {
  const canvas = () => [...document.querySelectorAll('canvas')].find((one) => one.width > 200);
  const read = ([x, y, width, height]) =>
    canvas()?.getContext('2d', { willReadFrequently: true }).getImageData(x, y, width, height).data;
  const differs = (before, after) => {
    for (let place = 0; place < before.length; place += 4) {
      if (Math.abs(before[place] - after[place]) > 12) return true;
    }
    return false;
  };
  const eachFrame = (isDone) => requestAnimationFrame(() => isDone() || eachFrame(isDone));

  const painted = () => {
    const all = canvas() && read([0, 0, canvas().width, canvas().height]);
    return Boolean(all && new Set(new Uint32Array(all.buffer)).size > 8);
  };

  /** The next key's milliseconds until `area` changes go to `keyed`. */
  const watchKey = (area) => {
    window.keyed = null;
    addEventListener('keydown', () => {
      const began = performance.now();
      const before = read(area);
      eachFrame(() => {
        if (!differs(before, read(area))) return false;
        window.keyed = performance.now() - began;
        return true;
      });
    }, { capture: true, once: true });
  };

  /** How often `area` changes in a second. */
  const frames = (area, seconds) => new Promise((done) => {
    const began = performance.now();
    let last = read(area);
    let seen = 0;
    eachFrame(() => {
      const now = read(area);
      if (differs(last, now)) {
        seen += 1;
        last = now;
      }
      if (performance.now() - began < seconds * 1000) return false;
      done(seen / seconds);
      return true;
    });
  });

  window.look = { painted, watchKey, frames };
})();
