import { z } from 'zod'
import type { TrainingRun } from '../../../../shared/rpc/contract/sources.ts'

/** Answers of MLflow's REST interface, versions 2 and 3, as far as they are read. Whatever is missing or of another kind is nothing. */

const whole = z
  .union([z.number(), z.string().regex(/^\d{1,16}$/)])
  .transform(Number)
  .nullish()
  .catch(null)
const words = z.string().nullish().catch(null)
const pair = z.looseObject({ key: z.string(), value: z.string().catch('') })
const pairList = z.array(pair).nullish().catch(null)

/** `model_version` of the registry. */
const modelVersion = z.looseObject({
  name: z.string(),
  version: z.union([z.string(), z.number()]).transform(String),
  status: words,
  description: words,
  creation_timestamp: whole,
  run_id: words,
  source: words,
  aliases: z.array(z.string()).nullish().catch(null),
  tags: pairList,
})
export type MlflowVersion = z.infer<typeof modelVersion>

export const versionAnswer = z.looseObject({ model_version: modelVersion })
export const versionsAnswer = z.looseObject({ model_versions: z.array(modelVersion).default([]), next_page_token: words })

export const modelsAnswer = z.looseObject({
  registered_models: z
    .array(
      z.looseObject({
        name: z.string(),
        description: words,
        last_updated_timestamp: whole,
        aliases: z
          .array(z.looseObject({ alias: z.string(), version: z.union([z.string(), z.number()]).transform(String) }))
          .nullish()
          .catch(null),
      }),
    )
    .default([]),
  next_page_token: words,
})

export const modelAnswer = z.looseObject({ registered_model: modelsAnswer.shape.registered_models.unwrap().element })

export const downloadAnswer = z.looseObject({ artifact_uri: z.string() })

export const runAnswer = z.looseObject({
  run: z.looseObject({
    info: z.looseObject({ run_id: words, run_name: words, user_id: words, start_time: whole, end_time: whole }),
    data: z
      .looseObject({
        metrics: z
          .array(z.looseObject({ key: z.string(), value: z.unknown() }))
          .nullish()
          .catch(null),
        params: pairList,
        tags: pairList,
      })
      .nullish(),
  }),
})

/** Entries of a folder of artifacts. */
export const listAnswer = z.looseObject({
  files: z.array(z.looseObject({ path: z.string(), is_dir: z.boolean().nullish(), file_size: whole })).default([]),
})

const MOST_ENTRIES = 1000
const MOST_KEY = 250
const MOST_VALUE = 1000
/** The whole history of logged models stands in tags; none of it is for people. */
const ownHistory = /^mlflow\.log-model\.history|^mlflow\.datasets/

/** Pairs of a list, bounded; of two with the same key the last one counts. */
export function pairsOf(list: readonly z.infer<typeof pair>[] | null | undefined): Record<string, string> {
  const kept = (list ?? []).filter(({ key }) => !ownHistory.test(key)).slice(0, MOST_ENTRIES)
  return Object.fromEntries(kept.map(({ key, value }) => [key.slice(0, MOST_KEY), value.slice(0, MOST_VALUE)]))
}

/** The run as it is kept; a metric that is no number is null. */
export function runOf({ run: { info, data } }: z.infer<typeof runAnswer>, runId: string): TrainingRun {
  const metrics = (data?.metrics ?? []).slice(0, MOST_ENTRIES)
  return {
    run: (info.run_id ?? runId).slice(0, 256),
    name: nonEmpty(info.run_name, MOST_VALUE),
    user: nonEmpty(info.user_id, 256),
    startedAt: timeOf(info.start_time),
    endedAt: timeOf(info.end_time),
    metrics: Object.fromEntries(metrics.map(({ key, value }) => [key.slice(0, MOST_KEY), numberOf(value)])),
    params: pairsOf(data?.params),
    tags: pairsOf(data?.tags),
  }
}

/** A time of the server; null: none, or one that no date can say. */
export function timeOf(epochMs: number | null | undefined): number | null {
  const isTime = epochMs !== null && epochMs !== undefined && Number.isSafeInteger(epochMs) && epochMs > 0 && epochMs <= 8.64e15
  return isTime ? epochMs : null
}

/** Servers write infinities and NaN as texts. */
function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

/** What a server has no word for it sends as an empty text. */
function nonEmpty(text: string | null | undefined, most: number): string | null {
  return text === null || text === undefined || text === '' ? null : text.slice(0, most)
}
