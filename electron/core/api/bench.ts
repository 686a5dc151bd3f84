import type { Handlers } from '../../../shared/rpc/dispatch.ts'
import { examplesOf } from '../registry/bench/examples.ts'
import type { ReleaseParts } from './release-parts.ts'

type Names = 'models.try' | 'models.examples'

/** Handlers of the test bench: `models.try`, `models.examples`. */
export function benchHandlers({ registry }: ReleaseParts): Pick<Handlers, Names> {
  return {
    'models.try': async ({ model, version, rows, inputs }) => {
      const one = registry.version(model, version)
      const tried = await registry.try(one, { rows, inputs })
      return { model: one.model, version: one.version, ...tried }
    },
    'models.examples': ({ model, version, count }) => {
      const { manifest } = registry.version(model, version)
      return examplesOf(manifest, registry.contents.golden(manifest), count)
    },
  }
}
