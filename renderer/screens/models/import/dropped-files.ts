/** Files of one drop that are looked at; a folder of a whole disk must not be walked. */
const MOST_FILES = 200

/** The files of a drop; of a folder those that stand in it directly, as in a bundle folder. */
export async function droppedFiles(transfer: DataTransfer): Promise<File[]> {
  // Entries must be taken before the first wait: the transfer is emptied when its event ends.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry())
  const plain = [...transfer.files]
  if (entries.every((entry) => entry === null || entry.isFile)) return plain.slice(0, MOST_FILES)
  const files: File[] = []
  for (const entry of entries) {
    if (entry !== null) files.push(...(await filesOf(entry)))
  }
  return files.slice(0, MOST_FILES)
}

/** Of a chosen folder the files that stand in it directly, as of one that was dropped. */
export function filesInFolder(files: readonly File[]): File[] {
  const isDirect = ({ webkitRelativePath: path }: File): boolean => path.split('/').length <= 2
  return files.filter((file) => isDirect(file) && !file.name.startsWith('.')).slice(0, MOST_FILES)
}

async function filesOf(entry: FileSystemEntry): Promise<File[]> {
  if (isFile(entry)) return [await fileOf(entry)]
  if (!isDirectory(entry)) return []
  const inside = await entriesOf(entry)
  return Promise.all(inside.filter(isFile).slice(0, MOST_FILES).map(fileOf))
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile
}

function isDirectory(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject))
}

function entriesOf(directory: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  return new Promise((resolve, reject) => directory.createReader().readEntries(resolve, reject))
}

/** True while files, not text or links, are dragged. */
export function holdsFiles(transfer: DataTransfer | null): boolean {
  return transfer?.types.includes('Files') === true
}
