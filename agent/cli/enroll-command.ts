import { Option, type Command } from 'commander'
import { Problem } from '../../shared/domain/problem.ts'
import { systemClock } from '../clock.ts'
import { holdDirectory, prepareDirectory } from '../directory.ts'
import { enrol } from '../enrolment/enrol.ts'
import { readIdentity, writeIdentity, type Identity } from '../identity.ts'
import { printResult } from './output.ts'
import { addCommand, typed, type CommonOptions } from './program.ts'

const CONNECT_TIMEOUT_MS = 8000
const ANSWER_TIMEOUT_MS = 20_000

interface EnrollOptions extends CommonOptions {
  broker: string
  code: string
  id?: string
  force?: boolean
}

/** Adds `muster-agent enroll`. */
export function addEnrollCommand(program: Command): void {
  addCommand(program, 'enroll', 'join a fleet with a one-time code')
    // By the environment too: a URL with a password stands better there than among the arguments of a process.
    .addOption(
      new Option('--broker <url>', 'address of the broker, like mqtt://192.168.1.10:1883').env('MUSTER_AGENT_BROKER').makeOptionMandatory(),
    )
    .addOption(new Option('--code <code>', 'the code that the console printed').env('MUSTER_AGENT_CODE').makeOptionMandatory())
    .option('--id <id>', 'id of this device; default: the name of the host')
    .option('--force', 'replace the identity that this agent has')
    .action((options: EnrollOptions) => runEnroll(options))
}

async function runEnroll(options: EnrollOptions): Promise<void> {
  const directory = prepareDirectory(options.dir)
  const release = holdDirectory(directory)
  try {
    if (options.force !== true) refuseSecond(directory)
    const identity = await enrol({
      brokerUrl: options.broker,
      code: options.code,
      device: options.id ?? null,
      clock: systemClock,
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      answerTimeoutMs: ANSWER_TIMEOUT_MS,
    })
    writeIdentity(directory, identity)
    const { fleet, device, brokerUrl } = identity
    printResult(options.json, { fleet, device, brokerUrl, directory }, [
      `${device} has joined the fleet ${fleet}.`,
      `Start it with: ${typed('run', directory)}`,
    ])
  } finally {
    release()
  }
}

function refuseSecond(directory: string): void {
  const held: Identity | null = readIdentity(directory)
  if (held !== null)
    throw new Problem('enrolment.already-enrolled', `${directory} holds the identity of ${held.device} in fleet ${held.fleet}.`)
}
