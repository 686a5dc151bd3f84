import { join } from 'node:path'
import type { Baseline, Feature } from '../../shared/domain/bundle.ts'
import { readTrainingData } from '../../electron/core/registry/training-data.ts'

/** A sample model whose training rows are at hand. */
export interface SampleRows {
  folder: string
  input: string
  width: number
  target: string | null
}

export const digitsRows: SampleRows = { folder: 'digits', input: 'pixels', width: 64, target: 'digit' }
export const wineRows: SampleRows = { folder: 'wine', input: 'sensors', width: 13, target: 'cultivar' }

/** What an import would make of the training rows of a sample. */
export async function trainingOf({ folder, input, width, target }: SampleRows): Promise<{ features: Feature[]; baseline: Baseline }> {
  return readTrainingData({
    path: join(import.meta.dirname, `../samples/${folder}/train.csv`),
    tabular: { name: input, datatype: 'FP32', width, columns: null },
    target,
    signal: new AbortController().signal,
  })
}
