/**
 * The few file calls that a durable replace needs (node:fs has them). They are passed in because this layer has no Node.
 */
export interface FileCalls {
  openSync(path: string, flags: string, mode?: number): number
  writeSync(fd: number, bytes: Uint8Array): number
  fsyncSync(fd: number): void
  closeSync(fd: number): void
  renameSync(from: string, to: string): void
}

/**
 * Replaces a file so that a power cut leaves the old or the new content, never a mixture or nothing:
 * write, fsync, rename, fsync the directory.
 * @param directory existing folder of the file, on the same file system
 * @param name file name within it
 * @param mode permissions of the new file
 */
export function replaceFile(fs: FileCalls, at: { directory: string; name: string; mode?: number }, bytes: Uint8Array): void {
  const path = `${at.directory}/${at.name}`
  const temporary = `${path}.new`
  const fd = fs.openSync(temporary, 'w', at.mode ?? 0o600)
  try {
    let written = 0
    while (written < bytes.length) written += fs.writeSync(fd, written === 0 ? bytes : bytes.subarray(written))
    fs.fsyncSync(fd)
  } finally {
    fs.closeSync(fd)
  }
  fs.renameSync(temporary, path)
  syncDirectory(fs, at.directory)
}

/** Makes renames, links and removals in a directory survive a power cut. A system without directory handles (Windows) needs none. */
export function syncDirectory(fs: FileCalls, directory: string): void {
  let fd: number
  try {
    fd = fs.openSync(directory, 'r')
  } catch {
    return
  }
  try {
    fs.fsyncSync(fd)
  } catch {
    // Windows refuses fsync on a directory handle; its renames are journalled by NTFS.
  } finally {
    fs.closeSync(fd)
  }
}
