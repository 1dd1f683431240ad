/** The way to the page that says what is in this image. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ILauncher } from '@jupyterlab/launcher';
import { softwareIcon } from './icons.ts';
import { softwareAddress } from './session.ts';

export const softwarePlugin: JupyterFrontEndPlugin<void> = {
  id: 'lifedesk-lab:software',
  description: 'Opens the list of what is in this image.',
  autoStart: true,
  optional: [ILauncher, ICommandPalette],
  activate: (app: JupyterFrontEnd, launcher: ILauncher | null, palette: ICommandPalette | null) => {
    const command = 'lifedesk-lab:open-software';
    app.commands.addCommand(command, {
      label: 'What is in here',
      caption: 'Programs and packages of this environment, with versions, licences and how to cite them',
      icon: softwareIcon,
      execute: () => {
        window.open(softwareAddress(), '_blank', 'noopener');
      }
    });
    launcher?.add({ command, category: 'Other', rank: 100 });
    palette?.addItem({ command, category: 'Help' });
  }
};
