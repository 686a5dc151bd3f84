import { personName } from '../../../shared/domain/actor.ts'
import { messageOf, Problem, reportOf } from '../../../shared/domain/problem.ts'
import { accountName } from '../account-name.ts'
import type { Core } from '../core.ts'
import type { Log } from '../log.ts'
import type { FrameLink } from '../serve/frame-links.ts'
import { toCore, type CoreFacts, type FromCore } from './messages.ts'

/** A port as Electron's utility process hands it over, as far as it is used here. */
export interface DesktopPort {
  on(event: 'message', listener: (event: { data: unknown }) => void): unknown
  on(event: 'close', listener: () => void): unknown
  start(): void
  postMessage(message: unknown): void
  close(): void
}

/** `process.parentPort` of a utility process; typed here, because the core never imports Electron. */
export interface ParentPort {
  on(event: 'message', listener: (event: { data: unknown; ports: DesktopPort[] }) => void): unknown
  postMessage(message: unknown): void
}

export interface DesktopParts {
  parentPort: ParentPort
  /** Starts the core with the arguments of the command line. */
  start(how: {
    argv: readonly string[]
    secretKey: string | null
  }): Promise<{ core: Pick<Core, 'url' | 'uploadKey' | 'brokerUrl' | 'fleet' | 'connect' | 'connectPage' | 'stop'>; dataDirectory: string }>
  /** Ends this process. */
  exit(code: number): void
  log: Log
}

/**
 * Runs the core for the desktop's main process.
 *
 * INVARIANTS
 * 1. The core is started once; ports that come before it is ready are served as soon as it is.
 * 2. Every process of this kind says either `ready` or `failed`, and after `failed` or `stop` it ends itself, in order.
 */
export function serveDesktop({ parentPort: port, start, exit, log }: DesktopParts): void {
  let running: ReturnType<DesktopParts['start']> | null = null
  const say = (message: FromCore): void => port.postMessage(message)
  const begin = async (how: Parameters<DesktopParts['start']>[0]): Promise<void> => {
    if (running !== null) throw new Problem('internal', 'The core was told to start twice.')
    running = start(how)
    try {
      const { core, dataDirectory } = await running
      const { url, uploadKey, brokerUrl, fleet } = core
      const facts: CoreFacts = { url, uploadKey, brokerUrl, fleet, dataDirectory }
      say({ type: 'ready', ...facts })
    } catch (error) {
      say({ type: 'failed', problem: reportOf(error) })
      exit(1)
    }
  }
  const serve = async (callerPort: DesktopPort, whose: 'page' | 'desktop'): Promise<void> => {
    if (running === null) throw new Problem('internal', 'A port came before the start.')
    const { core } = await running
    if (whose === 'page') core.connectPage(linkOver(callerPort), personName(accountName()))
    else core.connect(linkOver(callerPort), { actor: 'desktop', role: 'viewer' })
  }
  const end = async (): Promise<void> => {
    const started = await running?.catch(() => null)
    await started?.core.stop()
    exit(0)
  }
  const fail = (error: unknown): void => {
    log('error', 'the desktop core met an error', { reason: messageOf(error) })
  }
  port.on('message', ({ data, ports }) => {
    const message = toCore.safeParse(data)
    if (!message.success) {
      log('warn', 'a message of the desktop was not understood')
      return
    }
    if (message.data.type === 'start') begin(message.data).catch(fail)
    else if (message.data.type === 'port') for (const one of ports) serve(one, message.data.for).catch(() => one.close())
    else {
      end().catch((error: unknown) => {
        fail(error)
        exit(1)
      })
    }
  })
}

function linkOver(port: DesktopPort): FrameLink {
  return {
    send: (frame) => port.postMessage(frame),
    onFrame(handler) {
      port.on('message', ({ data }) => handler(data))
      port.start()
    },
    onClose: (handler) => void port.on('close', handler),
    close: () => port.close(),
  }
}
