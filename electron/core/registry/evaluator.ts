import { fork, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { messageOf, Problem } from '../../../shared/domain/problem.ts'
import type { Tensor } from '../../../shared/inference/tensor.ts'
import { nodeBinary } from '../node-binary.ts'
import { evaluationAnswer, type EvaluationAnswer, type EvaluationRequest } from './evaluation-wire.ts'
import { startMemoryGuard } from './memory-guard.ts'

/** How long and how much a model may use before it is killed. */
export interface EvaluationLimits {
  loadMs: number
  /** One run of a batch. */
  runMs: number
  /** Resident memory of the process; by default 1 GiB and four times the model. */
  memoryBytes?: number
}

const defaultLimits: EvaluationLimits = { loadMs: 60_000, runMs: 60_000 }
const HEAP_MIB = 512
const STDERR_KEPT = 2000

export interface EvaluatorOptions {
  modelPath: string
  /** The child's working directory is made in here, empty, and removed with it. */
  workDirectory: string
  signal: AbortSignal
  limits?: Partial<EvaluationLimits>
}

/** A model, loaded in a process of its own. */
export interface Evaluator {
  readonly runtimeVersion: string
  /**
   * Runs the model once; `ms` is the time within onnxruntime.
   * @throws Problem `evaluation.failed` (the model failed, crashed, took too long or too much), `cancelled`
   */
  run: (inputs: Tensor[]) => Promise<{ outputs: Tensor[]; ms: number }>
  stop: () => Promise<void>
}

/**
 * Starts a child process and loads a model in it.
 *
 * INVARIANTS
 * 1. At most one request is under way; its promise settles exactly once: answer, end of the child, deadline, memory or abort.
 * 2. After anything but an answer the child is killed, and every later request fails with the same cause.
 * 3. The child's end, however it comes, removes its directory, its timers and its listeners.
 *
 * @throws Problem `model.invalid` or `model.unsupported` if onnxruntime refuses the file, `evaluation.failed`, `cancelled`
 */
export async function startEvaluator(options: EvaluatorOptions): Promise<Evaluator> {
  const limits = { ...defaultLimits, ...options.limits }
  if (options.signal.aborted) throw cancelled()
  const limitBytes = limits.memoryBytes ?? 1024 ** 3 + 4 * sizeOf(options.modelPath)
  const child = startChild(options.workDirectory)
  const guard = startMemoryGuard({
    pid: child.process.pid ?? 0,
    limitBytes,
    onExceeded: (bytes) => child.kill(failed(`The model used ${Math.round(bytes / 1024 ** 2)} MiB of memory and was stopped.`)),
  })
  const onAbort = (): void => child.kill(cancelled())
  options.signal.addEventListener('abort', onAbort)
  const stop = async (): Promise<void> => {
    options.signal.removeEventListener('abort', onAbort)
    guard.stop()
    child.kill(failed('The evaluation has ended.'))
    await child.ended
  }
  try {
    const loaded = await child.ask({ kind: 'load', modelPath: options.modelPath }, { deadlineMs: limits.loadMs, doing: 'loading' })
    if (loaded.kind === 'failed') throw loadProblem(loaded.message)
    if (loaded.kind !== 'loaded') throw failed('The model process answered out of turn.')
    let id = 0
    return {
      runtimeVersion: loaded.runtimeVersion,
      async run(inputs) {
        id += 1
        const ran = await child.ask({ kind: 'run', id, inputs }, { deadlineMs: limits.runMs, doing: 'running' })
        if (ran.kind === 'failed') throw failed(`The model failed: ${ran.message}`)
        if (ran.kind !== 'ran' || ran.id !== id) throw failed('The model process answered out of turn.')
        return { outputs: ran.outputs, ms: ran.ms }
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

interface Child {
  process: ChildProcess
  ask(request: EvaluationRequest, how: { deadlineMs: number; doing: string }): Promise<EvaluationAnswer>
  kill(cause: Problem): void
  ended: Promise<void>
}

function startChild(workDirectory: string): Child {
  mkdirSync(workDirectory, { recursive: true })
  const directory = mkdtempSync(join(workDirectory, 'evaluate-'))
  const child = forkChild(directory)
  let cause: Problem | null = null
  let pending: { settle(said: EvaluationAnswer | Problem): void } | null = null
  let doing = 'starting'
  let stderr = ''
  const finish = (said: EvaluationAnswer | Problem): void => {
    const waiting = pending
    pending = null
    waiting?.settle(said)
  }
  const kill = (why: Problem): void => {
    cause ??= why
    child.kill('SIGKILL')
    finish(cause)
  }
  child.stderr?.on('data', (bytes: Buffer) => {
    stderr = (stderr + bytes.toString('utf8')).slice(-STDERR_KEPT)
  })
  child.on('error', (error) => kill(failed(`The model process did not start: ${error.message}`)))
  child.on('message', (message) => {
    const said = evaluationAnswer.safeParse(message)
    if (said.success) finish(said.data)
    else kill(failed('The model process sent something that is no answer.'))
  })
  const ended = new Promise<void>((resolve) => {
    child.on('close', (code, signal) => {
      cause ??= failed(
        `The model process ended while ${doing} (${signal ?? `code ${code}`})${stderr === '' ? '' : `: ${lastLine(stderr)}`}.`,
      )
      finish(cause)
      rmSync(directory, { recursive: true, force: true })
      resolve()
    })
  })
  const ask: Child['ask'] = (request, how) => {
    doing = how.doing
    if (cause !== null) return Promise.reject(cause)
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => kill(failed(`The model took longer than ${how.deadlineMs} ms ${how.doing} and was stopped.`)),
        how.deadlineMs,
      )
      pending = {
        settle(said) {
          clearTimeout(timer)
          if (said instanceof Problem) reject(said)
          else resolve(said)
        },
      }
      // A child that is gone also refuses the message; its `close` tells why.
      child.send(request, () => undefined)
    })
  }
  return { process: child, ask, kill, ended }
}

function forkChild(directory: string): ChildProcess {
  // Bundled, the child is JavaScript beside this file.
  const file = import.meta.url.endsWith('.ts') ? './evaluate-child.ts' : './evaluate-child.mjs'
  return fork(fileURLToPath(new URL(file, import.meta.url)), {
    cwd: directory,
    // Nothing of the console's environment: no tokens, no NODE_OPTIONS. Windows cannot load libraries without its root.
    env: process.env['SystemRoot'] === undefined ? {} : { SystemRoot: process.env['SystemRoot'] },
    execPath: nodeBinary(),
    execArgv: [`--max-old-space-size=${HEAP_MIB}`],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
}

function loadProblem(message: string): Problem {
  const unsupported = /opset|ir version|not implemented|no op registered|unsupported/i.test(message)
  return new Problem(unsupported ? 'model.unsupported' : 'model.invalid', `onnxruntime cannot load the model: ${lastLine(message)}`)
}

function failed(message: string): Problem {
  return new Problem('evaluation.failed', message)
}

function cancelled(): Problem {
  return new Problem('cancelled', 'It was cancelled; nothing was stored.')
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size
  } catch (error) {
    throw new Problem('model.invalid', `The model cannot be read: ${messageOf(error)}`, { cause: error })
  }
}

function lastLine(text: string): string {
  const lines = text.split('\n').map((line) => line.trim())
  return (lines.findLast((line) => line !== '') ?? '').slice(0, 500)
}
