const ENDING = '.muster'
/** A path of Linux or macOS, of a drive of Windows, or of a server of Windows. */
const isWhole = (path: string): boolean => /^(?:\/|[A-Za-z]:[/\\]|\\\\)/.test(path)

/** The usual name of an exported version, in a folder. */
export function fileIn(folder: string, { model, version }: { model: string; version: string }): string {
  return `${folder}${separatorOf(folder)}${model}-${version}${ENDING}`
}

/** The folder of a file, without the separator at its end unless it is all of it. */
export function folderOf(file: string): string {
  const path = file.trim()
  const at = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'))
  return at < 0 ? '' : path.slice(0, at)
}

/** Why a text is no place to export to, before the console is asked; `null`: it may be one. */
export function placeProblem(file: string): string | null {
  const path = file.trim()
  if (path === '') return 'Name the file.'
  if (!isWhole(path)) return 'Give the whole path, from the root of the disk.'
  if (!path.endsWith(ENDING)) return `The name of the file must end in ${ENDING}.`
  return null
}

const separatorOf = (folder: string): string => (folder.includes('\\') ? '\\' : '/')
