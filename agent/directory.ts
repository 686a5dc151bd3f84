import Database from 'better-sqlite3'
import { accessSync, constants, mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { errorCodeOf, messageOf, Problem } from '../shared/domain/problem.ts'
import { lockDirectory } from '../shared/store/directory-lock.ts'
import { storeProblem } from '../shared/store/sqlite-rules.ts'

/** Where an agent lives when no `--dir` is given. */
export function defaultDirectory(): string {
  return join(homedir(), '.muster-agent')
}

/**
 * Makes the directory of an agent if need be, and checks that it can be written.
 * @returns its absolute path
 * @throws Problem `data-directory.read-only`, `store.disk-full`
 */
export function prepareDirectory(directory: string): string {
  const path = resolve(directory)
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK)
    return path
  } catch (error) {
    const code = errorCodeOf(error)
    if (code === 'EEXIST' || code === 'ENOTDIR') {
      throw new Problem('data-directory.read-only', `${path} is no directory.`, { hint: 'Choose another --dir.', cause: error })
    }
    if (code === 'EPERM') throw new Problem('data-directory.read-only', `${path} cannot be written: ${messageOf(error)}`, { cause: error })
    throw storeProblem(error, path)
  }
}

/** Holds the directory for this process. @returns the release @throws Problem `data-directory.in-use`, `data-directory.read-only` */
export function holdDirectory(directory: string): () => void {
  return lockDirectory((file) => new Database(file), join(directory, 'agent.lock'), directory)
}
