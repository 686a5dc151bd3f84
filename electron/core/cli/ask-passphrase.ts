import { readFileSync } from 'node:fs'
import { messageOf, Problem } from '../../../shared/domain/problem.ts'
import { secretsFrom } from './ask-secret.ts'

/**
 * A passphrase: of a file (its first line), else typed at the terminal, where nothing is shown. It never stands among arguments: those are seen by
 * every program of the machine.
 * @param what names it in the question
 * @param isNew it is asked twice; `flag` names the file
 * @throws Problem `usage` if there is neither a file nor a terminal, or the two differ
 */
export async function passphraseOf(
  file: string | undefined,
  what: string,
  { isNew = false, flag = '--passphrase-file' }: { isNew?: boolean; flag?: string } = {},
): Promise<string> {
  if (file !== undefined) return firstLine(file)
  if (!process.stdin.isTTY)
    throw new Problem('usage', `The passphrase of ${what} is needed.`, { hint: `Give ${flag} FILE, or use a terminal.` })
  const secrets = secretsFrom({})
  return isNew ? secrets.askNew(`Passphrase of ${what}`) : secrets.ask(`Passphrase of ${what}`)
}

/** The first line of a file. @throws Problem `usage` */
export function firstLine(file: string): string {
  try {
    return readFileSync(file, 'utf8').split(/\r?\n/)[0] ?? ''
  } catch (error) {
    throw new Problem('usage', `${file} cannot be read: ${messageOf(error)}`, { cause: error })
  }
}
