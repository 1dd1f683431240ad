/** What JupyterLab shows of a Lifedesk session. */

import { noticesPlugin } from './notices-plugin.ts';
import { programsPlugin } from './programs-plugin.ts';
import { softwarePlugin } from './software-plugin.ts';

export default [programsPlugin, noticesPlugin, softwarePlugin];
