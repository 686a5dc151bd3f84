/** Files that were dropped on another page and wait for the import page. */
let waiting: File[] = []

/** Leaves files for the import page, which is opened next. */
export function handOverFiles(files: readonly File[]): void {
  waiting = [...files]
}

/** Takes the files that another page left, once. */
export function takeHandedFiles(): File[] {
  const files = waiting
  waiting = []
  return files
}
