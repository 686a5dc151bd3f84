import { canaryFns } from './oracle-canary.ts'
import { driftFns } from './oracle-drift.ts'
import { qualityFns } from './oracle-quality.ts'
import { sequentialFns } from './oracle-sequential.ts'
import { sketchFns } from './oracle-sketch.ts'
import type { OracleCase } from './oracle.ts'

/** Computes with our functions what a case expects, in the form of its `expected`. */
export type OracleFunction = (one: OracleCase) => unknown

/** Our function for each `fn` of the oracle. */
export const oracleFunctions: Record<string, OracleFunction> = { ...driftFns, ...sequentialFns, ...sketchFns, ...qualityFns, ...canaryFns }
