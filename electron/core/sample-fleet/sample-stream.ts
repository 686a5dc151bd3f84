import { readFileSync } from 'node:fs'

/** Rows of a sample stream with the true label of each. */
export interface SampleStream {
  columns: string[]
  rows: number[][]
  labels: string[]
}

/** Reads a CSV of build/samples whose last column is the label; rows with a missing value are left out. */
export function readStream(path: string): SampleStream {
  const [header, ...lines] = readFileSync(path, 'utf8').trim().split(/\r?\n/)
  const cells = lines.map((line) => line.split(',')).filter((row) => !row.includes(''))
  return {
    columns: header!.split(',').slice(0, -1),
    rows: cells.map((row) => row.slice(0, -1).map(Number)),
    labels: cells.map((row) => row.at(-1)!),
  }
}
