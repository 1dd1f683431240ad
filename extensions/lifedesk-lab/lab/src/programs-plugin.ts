/** The desktop and the programs of the image: in the launcher, in the palette, and for what is selected in the file browser. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { ILauncher } from '@jupyterlab/launcher';
import { desktopIcon, programIcon } from './icons.ts';
import { type Item, opens, type Program } from './opens.ts';
import { desktopAddress, desktopTab, programs } from './session.ts';

const CATEGORY = 'Desktop';
const AFTER_NOTEBOOKS = 10; // JupyterLab's own: Notebook 0, Console 20, Other 100
const AFTER_OPEN_WITH = 2; // rank of the context menu's own "Open With": 1 to 2

export const programsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'lifedesk-lab:programs',
  description: 'Opens the desktop and the programs of the image.',
  autoStart: true,
  optional: [ILauncher, ICommandPalette, IFileBrowserFactory],
  activate: async (
    app: JupyterFrontEnd,
    launcher: ILauncher | null,
    palette: ICommandPalette | null,
    browsers: IFileBrowserFactory | null
  ) => {
    const found = await programs();
    if (found.length === 0) {
      return;
    }
    addDesktop(app, launcher, palette);
    found.forEach((program, position) => {
      addProgram(app, program, position, launcher, palette);
      if (browsers) {
        addOpenWith(app, program, () => selected(app, browsers), palette);
      }
    });
  }
};

function addDesktop(app: JupyterFrontEnd, launcher: ILauncher | null, palette: ICommandPalette | null): void {
  const command = 'lifedesk-lab:open-desktop';
  app.commands.addCommand(command, {
    label: 'Desktop',
    caption: 'Open the desktop of this session in a browser tab',
    icon: desktopIcon,
    execute: () => show(desktopAddress())
  });
  launcher?.add({ command, category: CATEGORY, categoryRank: AFTER_NOTEBOOKS, rank: 0 });
  palette?.addItem({ command, category: CATEGORY });
}

function addProgram(
  app: JupyterFrontEnd,
  program: Program,
  position: number,
  launcher: ILauncher | null,
  palette: ICommandPalette | null
): void {
  const command = `lifedesk-lab:open-${program.slug}`;
  app.commands.addCommand(command, {
    label: program.title,
    caption: `${program.title}: ${program.description}`,
    icon: programIcon(program),
    execute: () => show(desktopAddress(program.slug))
  });
  launcher?.add({ command, category: CATEGORY, categoryRank: AFTER_NOTEBOOKS, rank: position + 1 });
  palette?.addItem({ command, category: CATEGORY });
}

function addOpenWith(
  app: JupyterFrontEnd,
  program: Program,
  selection: () => Item | null,
  palette: ICommandPalette | null
): void {
  const command = `lifedesk-lab:open-with-${program.slug}`;
  const fits = () => {
    const item = selection();
    return item !== null && opens(program, item);
  };
  app.commands.addCommand(command, {
    label: `Open with ${program.title}`,
    caption: `Open the selected file or folder with ${program.title} on the desktop`,
    icon: programIcon(program),
    isVisible: fits,
    isEnabled: fits,
    execute: () => {
      const item = selection();
      if (item) {
        show(desktopAddress(program.slug, item.path));
      }
    }
  });
  app.contextMenu.addItem({ command, selector: '.jp-DirListing-item', rank: AFTER_OPEN_WITH });
  palette?.addItem({ command, category: CATEGORY });
}

/** What is selected in the file browser, if that is one file or folder. */
function selected(app: JupyterFrontEnd, browsers: IFileBrowserFactory): Item | null {
  const [model, ...others] = browsers.tracker.currentWidget?.selectedItems() ?? [];
  if (model === undefined || others.length > 0) {
    return null;
  }
  return { path: app.serviceManager.contents.localPath(model.path), isFolder: model.type === 'directory' };
}

function show(address: string): void {
  window.open(address, desktopTab())?.focus();
}
