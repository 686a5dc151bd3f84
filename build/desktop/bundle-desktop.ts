import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'rolldown'
import { LICENSES_FILE, licensesOf } from '../licenses.ts'
import { mainBundle, preloadBundle } from './desktop-bundles.ts'
import { drawIcon } from './draw-icon.ts'
import { icnsOf, icoOf, linuxSizes } from './icon-files.ts'

// The main process and the preload of the desktop, and its icons: `dist/main`. The core that it starts is in `dist/console`.
const OUT = 'dist/main'
const blue = [0x1f, 0x5f, 0xbf] as const
const white = [0xff, 0xff, 0xff] as const

rmSync(OUT, { recursive: true, force: true })
const modules: string[] = []
for (const bundle of [mainBundle, preloadBundle]) {
  const { output } = await build(bundle)
  for (const chunk of output) {
    process.stdout.write(`${OUT}/${chunk.fileName}\n`)
    if (chunk.type === 'chunk') modules.push(...chunk.moduleIds)
  }
}
writeFileSync(join(OUT, LICENSES_FILE), licensesOf(modules))
writeIcons(join(OUT, 'icons'))

/** Icons of the application and of the tray; drawn, so that no picture is kept in several formats and sizes. */
function writeIcons(directory: string): void {
  mkdirSync(join(directory, 'linux'), { recursive: true })
  const application = { field: blue, squares: white }
  const template = { field: null, squares: [0, 0, 0] as const }
  const files: Record<string, Buffer> = {
    'icon.ico': icoOf((size) => drawIcon(size, application)),
    'icon.icns': icnsOf((size) => drawIcon(size, application)),
    ...Object.fromEntries(linuxSizes.map((size) => [`linux/${size}x${size}.png`, drawIcon(size, application)])),
    'tray.png': drawIcon(16, application),
    'tray@2x.png': drawIcon(32, application),
    'trayTemplate.png': drawIcon(16, template),
    'trayTemplate@2x.png': drawIcon(32, template),
  }
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(directory, name), bytes)
  process.stdout.write(`${directory}  ${Object.keys(files).length} icons\n`)
}
