import { join } from 'node:path'

/** Where the parts of the desktop are. */
export interface DesktopPaths {
  /** Plain files as well: the installed command line serves the page to browsers. */
  renderer: string
  preload: string
  /** The core's entry; it and what it forks are plain files, because Node cannot read an asar. */
  core: string
  icons: string
  /** The Node binary that children of the core run with. */
  node: string
}

/** Paths of an installed application, or of a checkout that was built. */
export function desktopPaths(at: { appPath: string; resourcesPath: string; isPackaged: boolean; platform: NodeJS.Platform }): DesktopPaths {
  const { appPath, resourcesPath, isPackaged, platform } = at
  const plain = isPackaged ? `${appPath}.unpacked` : appPath
  const program = platform === 'win32' ? 'node.exe' : 'node'
  return {
    renderer: join(plain, 'dist/renderer'),
    preload: join(appPath, 'dist/main/preload.cjs'),
    core: join(plain, 'dist/console/desktop-core.mjs'),
    icons: join(appPath, 'dist/main/icons'),
    node: isPackaged ? join(resourcesPath, 'node', program) : join(appPath, 'node_modules/node/bin', program),
  }
}
