import type { BrokerOptions } from '../hub/messages.ts'
import { isLoopback } from '../setup/broker-setting.ts'
import { musterAgent } from '../command-names.ts'

/** What the bundle of the agent needs beside it, because these have native files; as package.json pins them. */
export const nativePackages = ['better-sqlite3@13.2.0', 'onnxruntime-node@1.30.0'] as const
/** Debian with glibc, as onnxruntime needs it. */
const DOCKER_IMAGE = 'node:24'

export interface JoinCommands {
  /** On the machine of the console, as it was installed there. */
  command: string
  commands: { linux: string; windows: string; docker: string }
  note: string | null
}

/** What a person types on a device, exactly; enrolling first, then running. @param brokerUrl as the device reaches the broker */
export function joinCommands({ code, brokerUrl, broker }: { code: string; brokerUrl: string; broker: BrokerOptions }): JoinCommands {
  const enrol = `enroll --broker ${brokerUrl} --code ${code}`
  // `--prefix .`: into this folder, also where a folder above it is a package.
  const install = `npm install --prefix . --no-save --ignore-scripts ${nativePackages.join(' ')}`
  const isLocal = isLoopback(new URL(brokerUrl).hostname)
  return {
    command: `${musterAgent} ${enrol}`,
    commands: {
      linux: [install, `node muster-agent.mjs ${enrol}`, 'node muster-agent.mjs run'].join('\n'),
      windows: [install, `node .\\muster-agent.mjs ${enrol}`, 'node .\\muster-agent.mjs run'].join('\n'),
      docker: dockerLines(enrol, install, isLocal),
    },
    note: noteOf(broker, isLocal),
  }
}

/** The folder of the agent is mounted; the identity and the spool live in a volume, and the interface stays on loopback of the machine. */
function dockerLines(enrol: string, install: string, isLocal: boolean): string {
  const here = '-v "$PWD":/agent -w /agent'
  const data = '-v muster-agent:/data -e MUSTER_AGENT_DIR=/data'
  // Within a container, loopback is the container itself.
  const network = isLocal ? ' --network host' : ''
  const ports = isLocal ? '' : ' -p 127.0.0.1:8321:8321 -e MUSTER_AGENT_HTTP_HOST=0.0.0.0'
  return [
    `docker run --rm ${here} ${DOCKER_IMAGE} ${install}`,
    `docker run --rm${network} ${here} ${data} ${DOCKER_IMAGE} node muster-agent.mjs ${enrol}`,
    `docker run -d --name muster-agent --restart unless-stopped${network}${ports} ${here} ${data} ${DOCKER_IMAGE} node muster-agent.mjs run`,
  ].join('\n')
}

function noteOf(broker: BrokerOptions, isLocal: boolean): string | null {
  const local = 'The broker is on loopback: these commands work on this machine only. For other devices'
  if (broker.kind === 'embedded')
    return isLocal
      ? `${local}, let the broker listen on an address of this machine that they reach, or use an external one, in the settings.`
      : null
  const account =
    broker.username === null
      ? ''
      : ' The broker asks for an account: write the one of the device into its address, mqtt://USER:PASSWORD@host:port.'
  const text = `${isLocal ? `${local}, name the external broker by an address that they reach, in the settings.` : ''}${account}`.trim()
  return text === '' ? null : text
}
