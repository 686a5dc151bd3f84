import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Plugin } from 'rolldown'

/** Entry point that no file has: the statistics of a program as a module, one namespace per source file. */
export const STATISTICS_ENTRY = 'muster:statistics'

const FOLDER = 'shared/stats'
const ID = `\0${STATISTICS_ENTRY}`

/** Files of the shared statistics, from their folder on. */
export function statisticsFiles(): string[] {
  return readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.replaceAll('\\', '/'))
    .toSorted()
}

/** Name under which the entry exports a file: `drift/score-window.ts` is `drift$score_window`. */
export function statisticsName(file: string): string {
  return file.replace(/\.ts$/, '').replaceAll('/', '$').replaceAll('-', '_')
}

/**
 * Makes the entry. It is part of the same build as the program, in which a source file is in one chunk only: what is measured through this
 * module is the code that the program runs. So whoever has an installed program can check its numbers.
 */
export function statisticsEntry(): Plugin {
  return {
    name: 'statistics-entry',
    resolveId: (id) => (id === STATISTICS_ENTRY ? ID : null),
    load: (id) =>
      id === ID
        ? statisticsFiles()
            .map((file) => `export * as ${statisticsName(file)} from ${JSON.stringify(resolve(join(FOLDER, file)))}`)
            .join('\n')
        : null,
  }
}
