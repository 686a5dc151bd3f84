import { Problem } from '../../../shared/domain/problem.ts'
import type { OtlpShown } from '../../../shared/rpc/contract/metrics.ts'
import type { Handlers } from '../../../shared/rpc/dispatch.ts'
import { otlpUrlProblem, postOtlp } from '../metrics/otlp-post.ts'
import { shownFamilies } from '../metrics/show-families.ts'
import type { ApiParts } from './parts.ts'

type Names = Extract<keyof Handlers, `metrics.${string}`>
type Parts = Pick<ApiParts, 'store' | 'metrics' | 'changed'>

/** Headers that the request has already. */
const taken = ['host', 'content-type', 'content-length', 'connection', 'transfer-encoding', 'user-agent']

/** Handlers of `metrics.*`. */
export function metricsHandlers(parts: Parts): Pick<Handlers, Names> {
  const { store, metrics } = parts
  return {
    'metrics.show': () => ({ url: metrics.url(), families: shownFamilies(metrics.gather()) }),
    'metrics.otlp': () => shown(parts),
    'metrics.setOtlp': ({ export: wanted }, { afterCommit }) => {
      const before = store.otlpExport.get()
      if (wanted === null) store.otlpExport.remove()
      else {
        checkReceiver(wanted)
        store.otlpExport.set({ ...wanted, secret: wanted.secret ?? keptSecret(before?.settings, wanted) })
      }
      afterCommit(() => {
        metrics.exporter.settle()
        parts.changed('metrics')
      })
      return shown(parts)
    },
    'metrics.checkOtlp': async (of) => {
      checkReceiver(of)
      const secret = of.secret ?? keptSecret(store.otlpExport.get()?.settings, of)
      const outcome = await postOtlp({ ...of, secret }, 'metrics', '{"resourceMetrics":[]}')
      return outcome.kind === 'taken'
        ? { ok: true, sentence: 'The receiver answers, and takes metrics.' }
        : { ok: false, sentence: outcome.message.slice(0, 2000) }
    },
  }
}

/** @throws Problem `input.invalid` */
function checkReceiver({ url, header }: { url: string; header: string }): void {
  const problem = otlpUrlProblem(url)
  if (problem !== null)
    throw new Problem('input.invalid', problem, { hint: 'Name the base address, such as https://collector.example:4318' })
  if (taken.includes(header.toLowerCase())) throw new Problem('input.invalid', `The header '${header}' is not free to carry a secret.`)
}

/** A secret does not move to another address: whoever may set one could read it there. */
function keptSecret(
  before: { url: string; header: string; secret: string | null } | undefined,
  next: { url: string; header: string },
): string | null {
  const isSame = before !== undefined && before.url === next.url && before.header.toLowerCase() === next.header.toLowerCase()
  return isSame ? before.secret : null
}

function shown({ store, metrics }: Parts): OtlpShown {
  const row = store.otlpExport.get()
  const state = metrics.exporter.state()
  if (row === null) return { export: null, state }
  const { secret, ...settings } = row.settings
  return { export: { ...settings, hasSecret: secret !== null || row.isShut, isShut: row.isShut }, state }
}
