import { readFileSync } from 'node:fs'
import { Option, type Command } from 'commander'
import type { z } from 'zod'
import { messageOf, Problem } from '../../shared/domain/problem.ts'
import { shownFingerprint } from '../../shared/protocol/certificate.ts'
import { decodeMessage } from '../../shared/protocol/decode.ts'
import { enrolmentFile } from '../../shared/protocol/enrolment.ts'
import { systemClock } from '../clock.ts'
import { holdDirectory, prepareDirectory } from '../directory.ts'
import { enrol } from '../enrolment/enrol.ts'
import { writeCredentials } from '../identity/credentials.ts'
import { readIdentity, writeIdentity, type Identity } from '../identity.ts'
import { printNotice, printResult } from './output.ts'
import { addCommand, typed, type CommonOptions } from './program.ts'

const CONNECT_TIMEOUT_MS = 8000
const ANSWER_TIMEOUT_MS = 20_000
/** So long, minutes, the command waits for a person; the request stays open in the console for a day. */
const WAIT_MINUTES = '60'

interface EnrollOptions extends CommonOptions {
  broker?: string
  code?: string
  file?: string
  wait: string
  id?: string
  force?: boolean
}

/** Adds `muster-agent enroll`. */
export function addEnrollCommand(program: Command): void {
  addCommand(program, 'enroll', 'join a fleet with a one-time code')
    // By the environment too: a URL with a password stands better there than among the arguments of a process.
    .addOption(new Option('--broker <url>', 'address of the broker, like mqtts://192.168.1.10:8883').env('MUSTER_AGENT_BROKER'))
    .addOption(new Option('--code <code>', 'the code that the console printed').env('MUSTER_AGENT_CODE'))
    .option('--file <file>', 'a file of `muster devices enroll-many`, in place of --broker and --code')
    .option('--wait <minutes>', 'how long to wait until a person has compared the fingerprint', WAIT_MINUTES)
    .option('--id <id>', 'id of this device; default: the name of the host')
    .option('--force', 'replace the identity that this agent has')
    .action((options: EnrollOptions) => runEnroll(options))
}

async function runEnroll(options: EnrollOptions): Promise<void> {
  const directory = prepareDirectory(options.dir)
  const release = holdDirectory(directory)
  try {
    if (options.force !== true) refuseSecond(directory)
    const { identity, credentials, fingerprint } = await enrol({
      ...invitation(options),
      clock: systemClock,
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      answerTimeoutMs: ANSWER_TIMEOUT_MS,
      confirmTimeoutMs: waitOf(options.wait),
      onWaiting: (own) => printNotice(`Waiting for a person in the console to compare this fingerprint:\n  ${shownFingerprint(own)}`),
    })
    writeCredentials(directory, credentials)
    writeIdentity(directory, identity)
    const { fleet, device, brokerUrl } = identity
    printResult(options.json, { fleet, device, brokerUrl, directory, fingerprint }, [
      `${device} has joined the fleet ${fleet}.`,
      `Fingerprint of its key: ${shownFingerprint(fingerprint)}`,
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

/** Broker, code and id: of the flags, else of the file. @throws Problem `usage`, `input.invalid` */
function invitation(options: EnrollOptions): { brokerUrl: string; code: string; device: string | null } {
  const file = options.file === undefined ? null : readInvitation(options.file)
  const brokerUrl = options.broker ?? file?.broker
  const code = options.code ?? file?.code
  if (brokerUrl === undefined || code === undefined) throw new Problem('usage', 'Give --broker and --code, or --file.')
  return { brokerUrl, code, device: options.id ?? file?.device ?? null }
}

function readInvitation(file: string): z.infer<typeof enrolmentFile> {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new Problem('input.invalid', `${file} cannot be read: ${messageOf(error)}`, { cause: error })
  }
  return decodeMessage(enrolmentFile, text, file)
}

function waitOf(text: string): number {
  const minutes = Number(text)
  if (!Number.isFinite(minutes) || minutes < 0) throw new Problem('usage', `--wait: '${text}' is no number of minutes.`)
  return minutes * 60_000
}
