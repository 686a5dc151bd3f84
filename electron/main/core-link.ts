import { randomUUID } from 'node:crypto'
import { hostChannels } from '../../shared/host/channels.ts'
import { clientOverPort } from './core-client.ts'
import { startCoreProcess, type CoreProcess, type CoreProcessParts, type CoreState } from './core-process.ts'
import type { FleetWatch } from './fleet-watch.ts'
import { forwardUpload, type UploadAnswer } from './forward-upload.ts'
import type { ConsoleWindow } from './window.ts'

/** The core as the window and the tray have it. */
export interface CoreLink extends Pick<CoreProcess, 'now' | 'retry' | 'stop'> {
  /** The page asks for a port; it gets one as soon as the core runs. */
  wantPort(): void
  upload(ticket: string, body: Parameters<typeof forwardUpload>[2]): Promise<UploadAnswer>
}

/** Keeps the core alive and tells the window and the tray of it. */
export function linkCore(
  parts: Omit<CoreProcessParts, 'onState'>,
  { window, watch }: { window: ConsoleWindow; watch: FleetWatch },
): CoreLink {
  let isPortWanted = false
  const handPort = (): void => {
    const contents = window.contents()
    const port = isPortWanted && contents !== null ? core.connect('page') : null
    if (port === null) return
    isPortWanted = false
    contents?.postMessage(hostChannels.port, null, [port])
  }
  const core = startCoreProcess({
    ...parts,
    onState(state) {
      const port = core.connect('desktop')
      watch.follow(port === null ? null : clientOverPort(port, randomUUID))
      tellState(window, state)
      handPort()
    },
  })
  return {
    get now() {
      return core.now
    },
    retry: () => core.retry(),
    stop: () => core.stop(),
    wantPort() {
      isPortWanted = true
      // A page that has just been loaded knows nothing yet.
      if (core.now.state !== 'running') tellState(window, core.now)
      handPort()
    },
    upload: (ticket, body) => forwardUpload(core.now.state === 'running' ? core.now.facts : null, ticket, body),
  }
}

function tellState(window: ConsoleWindow, state: CoreState): void {
  if (state.state === 'failed') window.tell({ muster: 'core', state: 'failed', problem: state.problem })
  else if (state.state !== 'stopped') window.tell({ muster: 'core', state: state.state })
}
