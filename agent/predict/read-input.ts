import { readFileSync, statSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { messageOf, Problem } from '../../shared/domain/problem.ts'
import { readRequestText, type PredictInput } from '../../shared/inference/request-rows.ts'

/** Reads a row (`1,2,3`), a file of CSV or JSON, or standard input (`-`). @throws Problem `data.invalid` */
export async function readInput(given: string): Promise<PredictInput> {
  if (given === '-') return readRequestText(await text(process.stdin), 'standard input')
  if (!/\.(json|csv)$/i.test(given) && !isFile(given)) return readRequestText(given, 'the row')
  let content: string
  try {
    content = readFileSync(given, 'utf8')
  } catch (error) {
    throw new Problem('data.invalid', `${given} cannot be read: ${messageOf(error)}`, {
      hint: 'Give a file that exists, or a row like 1,2,3.',
      cause: error,
    })
  }
  return readRequestText(content, given)
}

function isFile(given: string): boolean {
  try {
    return statSync(given).isFile()
  } catch {
    // A row is no path; it may even be too long for one.
    return false
  }
}
