import { closeSync, openSync, rmSync } from 'node:fs'
import { write } from 'node:fs'
import { basename } from 'node:path'
import { promisify } from 'node:util'
import type { z } from 'zod'
import { errorCodeOf, messageOf, Problem } from '../../../../shared/domain/problem.ts'
import type { TrainingRun } from '../../../../shared/rpc/contract/sources.ts'
import { firstIssue } from '../../../../shared/protocol/decode.ts'
import { storeProblem } from '../../../../shared/store/sqlite-rules.ts'
import * as answers from './answers.ts'
import { bodyOf, openAnswer, unreachable, type MlflowCall, type MlflowServer } from './call.ts'

/** An entry of a folder of artifacts. */
export interface ArtifactEntry {
  name: string
  isFolder: boolean
}

/** A file that is fetched, and where it goes. */
export interface Download {
  path: string
  query?: Readonly<Record<string, string>>
  /** A file that does not exist yet. */
  to: string
  mostBytes: number
  progress?: (bytes: number) => void
}

const MOST_JSON_BYTES = 8 * 1024 * 1024
/** From the question to the last byte of an answer: a server that drips would hold the others up. */
const ANSWER_MS = 30_000
/** Less than this in a minute of a download is a server that drips. */
const LEAST_BYTES = 64 * 1024
const RATE_MS = 60_000
/** The server fetches the file from its own store first, and says nothing meanwhile. */
const DOWNLOAD_IDLE_MS = 120_000
const API = '/api/2.0/mlflow'
const PAGE = '100'
/** A name that stands in a filter is quoted; one with both kinds of quotes cannot be. */
const bothQuotes = /'.*"|".*'/s

/** How long a server may take. */
export interface MlflowPatience {
  /** For a whole answer. */
  answerMs?: number
  /** For 64 KiB of a download. */
  rateMs?: number
}

export type MlflowClient = ReturnType<typeof openMlflow>

/**
 * The few calls of MLflow's REST interface that a console needs. Every call ends: by its answer, a silence of 20 s, 30 s in all, or the signal; a
 * download by a minute in which hardly anything came.
 * @throws Problem (each call) `source.unreachable`, `source.denied`, `source.no-version`, `source.answer`, `source.too-large`, `cancelled`
 */
export function openMlflow(server: MlflowServer, signal: AbortSignal, { answerMs = ANSWER_MS, rateMs = RATE_MS }: MlflowPatience = {}) {
  async function json<Schema extends z.ZodType>(schema: Schema, call: Omit<MlflowCall, 'signal'>): Promise<z.output<Schema>> {
    const text = await textOf(call)
    let content: unknown
    try {
      content = JSON.parse(text === '' ? '{}' : text)
    } catch (error) {
      throw new Problem('source.answer', `${hostOf(server)} answers with something else than JSON.`, { cause: error })
    }
    const parsed = schema.safeParse(content)
    if (!parsed.success) throw new Problem('source.answer', `${hostOf(server)} answers otherwise than MLflow: ${firstIssue(parsed.error)}`)
    return parsed.data
  }

  async function textOf(call: Omit<MlflowCall, 'signal'>): Promise<string> {
    const deadline = AbortSignal.timeout(answerMs)
    try {
      return await bodyOf(await openAnswer(server, { ...call, signal: AbortSignal.any([signal, deadline]) }), MOST_JSON_BYTES)
    } catch (error) {
      if (error instanceof Problem || signal.aborted || !deadline.aborted) throw unreachable(error, signal, server.url)
      throw unreachable(new Error(`its answer did not end within ${answerMs / 1000} s`), signal, server.url)
    }
  }

  const get = <Schema extends z.ZodType>(schema: Schema, path: string, query: Record<string, string>): Promise<z.output<Schema>> =>
    json(schema, { method: 'GET', path, query })

  return {
    /** What version the server says that it is; null: it does not say. */
    async version(): Promise<string | null> {
      const text = await textOf({ method: 'GET', path: '/version' }).catch((error: unknown) => {
        if (error instanceof Problem && error.code === 'source.no-version') return ''
        throw error
      })
      return /^\d[\w.+-]{0,40}$/.test(text.trim()) ? text.trim() : null
    },
    models: (of: { search?: string | undefined; pageToken?: string | undefined }) =>
      get(answers.modelsAnswer, `${API}/registered-models/search`, {
        max_results: PAGE,
        ...(of.search === undefined ? {} : { filter: `name ILIKE ${quoted(`%${of.search}%`)}` }),
        ...(of.pageToken === undefined ? {} : { page_token: of.pageToken }),
      }),
    model: async (name: string) => (await get(answers.modelAnswer, `${API}/registered-models/get`, { name })).registered_model,
    versions: (of: { model: string; pageToken?: string | undefined }) =>
      get(answers.versionsAnswer, `${API}/model-versions/search`, {
        ...{ filter: `name = ${quoted(of.model)}`, max_results: PAGE, order_by: 'version_number DESC' },
        ...(of.pageToken === undefined ? {} : { page_token: of.pageToken }),
      }),
    versionOf: async (name: string, version: string) =>
      (await get(answers.versionAnswer, `${API}/model-versions/get`, { name, version })).model_version,
    /** The version that an alias stands for. @throws Problem `source.no-version` also where no such alias is set */
    async versionOfAlias(name: string, alias: string): Promise<answers.MlflowVersion> {
      try {
        return (await get(answers.versionAnswer, `${API}/registered-models/alias`, { name, alias })).model_version
      } catch (error) {
        // An alias that is not set is a wrong argument to the server, and no missing thing.
        if (!(error instanceof Problem) || error.code !== 'source.answer' || !/not found/i.test(error.message)) throw error
        throw new Problem('source.no-version', `${name} has no alias ${alias} on ${hostOf(server)}.`, { cause: error })
      }
    },
    /** Where the artifacts of a version are, as the server says it: never a place that we go to, only what to ask the server for. */
    artifactsOf: async (name: string, version: string): Promise<string> =>
      (await get(answers.downloadAnswer, `${API}/model-versions/get-download-uri`, { name, version })).artifact_uri,
    run: async (runId: string): Promise<TrainingRun> =>
      answers.runOf(await get(answers.runAnswer, `${API}/runs/get`, { run_id: runId }), runId),
    list: async (path: string): Promise<ArtifactEntry[]> =>
      (await get(answers.listAnswer, '/api/2.0/mlflow-artifacts/artifacts', { path })).files.map((file) => ({
        name: file.path.split('/').at(-1) ?? '',
        isFolder: file.is_dir === true,
      })),
    setTag: async (of: { name: string; version: string; key: string; value: string }): Promise<void> =>
      void (await textOf({ method: 'POST', path: `${API}/model-versions/set-tag`, body: of })),
    /** Fetches a file; what is larger than it may be, or cut off, leaves nothing behind. @throws Problem also `store.*` */
    async download(of: Download): Promise<void> {
      const call: MlflowCall = { method: 'GET', path: of.path, idleMs: DOWNLOAD_IDLE_MS, signal }
      try {
        await toFile(await openAnswer(server, of.query === undefined ? call : { ...call, query: of.query }), of, rateMs)
      } catch (error) {
        throw unreachable(error, signal, server.url)
      }
    },
  }
}

const writeAt = promisify(write)

async function toFile(
  answer: Awaited<ReturnType<typeof openAnswer>>,
  { to, mostBytes, progress }: Download,
  rateMs: number,
): Promise<void> {
  const out = opened(to)
  let bytes = 0
  let before = 0
  const watch = setInterval(() => {
    if (bytes - before < LEAST_BYTES) answer.destroy(new Error(`it sent ${bytes - before} bytes in ${rateMs / 1000} s`))
    before = bytes
  }, rateMs)
  try {
    for await (const part of answer as AsyncIterable<Buffer>) {
      if (bytes + part.length > mostBytes)
        throw new Problem('source.too-large', `The file has more than the ${mostBytes} bytes that are taken.`)
      for (let done = 0; done < part.length;) done += await written(out, part, { from: done, to })
      bytes += part.length
      progress?.(bytes)
    }
    const said = answer.headers['content-length']
    if (said !== undefined && Number(said) !== bytes) throw new Error(`it sent ${bytes} of ${said} bytes`)
  } catch (error) {
    answer.destroy()
    rmSync(to, { force: true })
    throw error
  } finally {
    clearInterval(watch)
    closeSync(out)
  }
}

/** A new file of our own. @throws Problem `input.invalid` where one of that name was fetched already, `store.*` */
function opened(to: string): number {
  try {
    return openSync(to, 'wx', 0o600)
  } catch (error) {
    if (errorCodeOf(error) === 'EEXIST')
      throw new Problem('source.answer', `Two files of the version have the name ${basename(to)}.`, { cause: error })
    throw storeProblem(error, to)
  }
}

async function written(out: number, part: Buffer, { from, to }: { from: number; to: string }): Promise<number> {
  try {
    return (await writeAt(out, part, from)).bytesWritten
  } catch (error) {
    throw storeProblem(error, to)
  }
}

const hostOf = ({ url }: MlflowServer): string => {
  try {
    return new URL(url).host
  } catch (error) {
    return messageOf(error)
  }
}

/** A text in a filter of the server. @throws Problem `input.invalid` */
function quoted(text: string): string {
  if (bothQuotes.test(text))
    throw new Problem('input.invalid', `'${text.slice(0, 80)}' has both kinds of quotes; the server cannot be asked for it.`)
  return text.includes("'") ? `"${text}"` : `'${text}'`
}
