import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { messageOf, Problem } from '../../../shared/domain/problem.ts'

/**
 * The passphrase of backups: of a file, of MUSTER_BACKUP_PASSPHRASE, else typed at the terminal and not shown. Never of a flag, which other users
 * of the machine can read.
 * @param isNew it is typed twice
 * @throws Problem `usage`
 */
export async function readPassphrase(file: string | undefined, { isNew }: { isNew: boolean }): Promise<string> {
  if (file !== undefined) {
    try {
      return readFileSync(file, 'utf8').replace(/\r?\n$/, '')
    } catch (error) {
      throw new Problem('usage', `--passphrase-file: ${messageOf(error)}`, { cause: error })
    }
  }
  const given = process.env['MUSTER_BACKUP_PASSPHRASE']
  if (given !== undefined && given !== '') return given
  if (!process.stdin.isTTY) throw new Problem('usage', 'A passphrase is needed: give --passphrase-file, or set MUSTER_BACKUP_PASSPHRASE.')
  const first = await ask('Passphrase of the keys in backups: ')
  if (isNew && (await ask('The same again: ')) !== first) throw new Problem('usage', 'The two are not the same. Nothing was changed.')
  return first
}

async function ask(question: string): Promise<string> {
  process.stderr.write(question)
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const terminal = createInterface({ input: process.stdin, output: silent, terminal: true })
  try {
    return await terminal.question('')
  } finally {
    terminal.close()
    process.stderr.write('\n')
  }
}
