import { paths } from '../../../data/paths.ts'

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

/** The page that imports files such as these: a version that a console has exported, or a model. */
export function pageOfFiles(files: readonly File[]): string {
  return files.some(isExported) ? paths.importFile : paths.importModel
}

/** True for a file that a console has exported. */
export function isExported({ name }: Pick<File, 'name'>): boolean {
  return name.toLowerCase().endsWith('.muster')
}
