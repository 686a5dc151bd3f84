import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'

/** Name of the file with the licences of a bundle, beside it. */
export const LICENSES_FILE = 'THIRD-PARTY-LICENSES.txt'

const FOLDER = `${sep}node_modules${sep}`

/** The licences of the packages that files come from, one after the other: who ships a bundle ships their texts with it. */
export function licensesOf(files: readonly string[]): string {
  const folders = [...new Set(files.flatMap((file) => packageFolder(file) ?? []))].toSorted()
  return folders.map(licenseOf).join('\n')
}

/** The licence of the package in a folder, under a heading with its name and version. */
export function licenseOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, string>
  const file = readdirSync(folder).find((one) => /^licen[cs]e(\.\w+)?$/i.test(one))
  const text = file === undefined ? `Licence: ${license ?? 'not stated'}` : readFileSync(join(folder, file), 'utf8').trim()
  return `${'='.repeat(80)}\n${name} ${version}\n${'='.repeat(80)}\n${text}\n`
}

/** Name and version of every package whose licence is in a text of `licensesOf`, as `name@version`, with its part of the text. */
export function packagesIn(text: string): Map<string, string> {
  const rule = '='.repeat(80)
  const parts = text.split(`${rule}\n`).slice(1)
  const found = new Map<string, string>()
  // A heading stands between two rules, its licence behind them.
  for (let i = 0; i + 1 < parts.length; i += 2) {
    const heading = parts[i]!.trim()
    found.set(heading.replace(/ (?=[^ ]+$)/, '@'), `${rule}\n${heading}\n${rule}\n${parts[i + 1]!.trim()}\n`)
  }
  return found
}

function packageFolder(file: string): string | null {
  const at = file.lastIndexOf(FOLDER)
  if (at < 0 || file.startsWith('\0')) return null
  const [scope, name] = file.slice(at + FOLDER.length).split(sep)
  const folder = join(file.slice(0, at + FOLDER.length), scope!.startsWith('@') ? join(scope!, name!) : scope!)
  return existsSync(join(folder, 'package.json')) ? folder : null
}
