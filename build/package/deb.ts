import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, constants, cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { musterVersion } from '../../shared/domain/version.ts'
import { filesIn, sizeOf } from '../agent/assemble.ts'
import { linuxSizes } from '../desktop/icon-files.ts'
import { LICENSES_FILE } from '../licenses.ts'
import { BUNDLE_EXTENSION, BUNDLE_MIME, desktopName, productName, summary } from './installers.ts'
import type { PackageArchitecture } from './package-config.ts'

/** What a .deb is made of. */
export interface DebOptions {
  /** The unpacked application, as electron-builder leaves it. */
  application: string
  architecture: PackageArchitecture
  output: string
  /** Folder of pictures named by their size, `48x48.png`. */
  icons: string
  /** `none` for a test: nobody downloads that one. */
  compression?: 'xz' | 'none'
}

/** Libraries that Electron loads; where Debian has renamed one, either name counts. */
const libraries = [
  'libgtk-3-0 | libgtk-3-0t64',
  'libnss3',
  'libatspi2.0-0 | libatspi2.0-0t64',
  'libasound2 | libasound2t64',
  'libgbm1',
  'libnotify4',
  'libsecret-1-0',
  'libxss1',
  'libxtst6',
  'xdg-utils',
]

const HOME = `opt/${productName}`

/**
 * Makes a .deb with the system's own dpkg-deb: electron-builder would fetch a tool for it.
 * @returns the path of the package @throws Error if dpkg-deb is not there or fails
 */
export function makeDeb({ application, architecture, output, icons, compression = 'xz' }: DebOptions): string {
  const machine = architecture === 'x64' ? 'amd64' : 'arm64'
  const stage = join(output, `deb-${machine}`)
  rmSync(stage, { recursive: true, force: true })
  mkdirSync(join(stage, 'opt'), { recursive: true })
  // Sharing the blocks where the disk can: the application is half a gigabyte.
  cpSync(application, join(stage, HOME), { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE })
  writeDesktopFiles(stage, icons)
  writeControl(stage, machine)
  const file = join(output, `muster-${musterVersion}-linux-${machine}.deb`)
  execFileSync('dpkg-deb', ['--root-owner-group', `-Z${compression}`, '--build', stage, file], { stdio: ['ignore', 'ignore', 'inherit'] })
  rmSync(stage, { recursive: true, force: true })
  return file
}

function writeDesktopFiles(stage: string, icons: string): void {
  put(stage, `usr/share/applications/${desktopName}`, desktopEntry())
  put(stage, 'usr/share/mime/packages/muster.xml', mimeType())
  put(stage, 'usr/share/doc/muster/copyright', copyright())
  for (const size of linuxSizes)
    put(stage, `usr/share/icons/hicolor/${size}x${size}/apps/muster.png`, readFileSync(join(icons, `${size}x${size}.png`)))
  mkdirSync(join(stage, 'usr/bin'), { recursive: true })
  symlinkSync(`/${HOME}/muster`, join(stage, 'usr/bin/muster-desktop'))
  symlinkSync(`/${HOME}/resources/bin/muster`, join(stage, 'usr/bin/muster'))
}

/** The menu entry. */
function desktopEntry(): string {
  return [
    '[Desktop Entry]',
    'Type=Application',
    `Name=${productName}`,
    `Comment=${summary}`,
    `Exec=/${HOME}/muster %U`,
    'Icon=muster',
    'Terminal=false',
    'Categories=Development;',
    `MimeType=${BUNDLE_MIME};x-scheme-handler/muster;`,
    `StartupWMClass=${desktopName.replace(/\.desktop$/, '')}`,
    '',
  ].join('\n')
}

function mimeType(): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<mime-info xmlns="http://www.freedesktop.org/standards/shared-mime-info">',
    `  <mime-type type="${BUNDLE_MIME}">`,
    '    <comment>Muster model</comment>',
    `    <glob pattern="*.${BUNDLE_EXTENSION}"/>`,
    '  </mime-type>',
    '</mime-info>',
    '',
  ].join('\n')
}

function copyright(): string {
  return [
    'Muster is licensed under the Apache License, version 2.0 (/usr/share/common-licenses/Apache-2.0).',
    `Licences of what it is made of: /${HOME}/resources/${LICENSES_FILE} and /${HOME}/LICENSES.chromium.html.`,
    '',
  ].join('\n')
}

function writeControl(stage: string, machine: string): void {
  const installed = Math.ceil(sizeOf(stage) / 1024)
  const sums = filesIn(stage).map((path) => `${createHash('md5').update(readFileSync(path)).digest('hex')}  ${relative(stage, path)}\n`)
  const { author } = JSON.parse(readFileSync('package.json', 'utf8')) as { author: string }
  const control = [
    'Package: muster',
    `Version: ${musterVersion}`,
    `Architecture: ${machine}`,
    // There is no mailbox: issues go where the source is.
    `Maintainer: ${author} <muster@muster.invalid>`,
    'Section: utils',
    'Priority: optional',
    `Installed-Size: ${installed}`,
    `Depends: ${libraries.join(', ')}`,
    `Description: ${summary}`,
    ' Imports models, sends them to devices in signed bundles, rolls them out step',
    ' by step, and says how well they do. Works without a network of its own.',
    '',
  ]
  put(stage, 'DEBIAN/control', control.join('\n'))
  put(stage, 'DEBIAN/md5sums', sums.join(''))
  for (const name of ['postinst', 'postrm']) {
    put(stage, `DEBIAN/${name}`, readFileSync(`build/package/files/${name}`))
    chmodSync(join(stage, 'DEBIAN', name), 0o755)
  }
}

function put(stage: string, path: string, content: string | Uint8Array): void {
  const file = join(stage, path)
  mkdirSync(dirname(file), { recursive: true })
  if (existsSync(file)) throw new Error(`${path} would be written twice.`)
  writeFileSync(file, content, { mode: 0o644 })
}
