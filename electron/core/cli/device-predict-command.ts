import type { Command } from 'commander'
import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { messageOf, Problem } from '../../../shared/domain/problem.ts'
import { answerLines, inferenceAnswer } from '../../../shared/inference/answer.ts'
import { readRequestText, type PredictInput } from '../../../shared/inference/request-rows.ts'
import type { InputOf } from '../../../shared/rpc/contract.ts'
import { printLine } from './output.ts'
import { withConsole } from './program.ts'

interface PredictFlags {
  model: string
  input: string
  timeout: string
}

/** `muster devices predict`: an inference on a device, asked over the broker. */
export function addDevicePredictCommand(devices: Command): void {
  devices
    .command('predict <device>')
    .description('Ask a model on a device, over the broker, and print what it answers.')
    .requiredOption('--model <deployment>', 'deployment, as in `muster devices show`')
    .requiredOption('--input <input>', 'a row like 5.1,3.5,1.4,0.2, a .csv or .json file, or - for standard input')
    .option('--timeout <seconds>', 'how long to wait for the answer', '10')
    .action((device: string, flags: PredictFlags, command: Command) => predict(command, device, flags))
}

async function predict(command: Command, device: string, flags: PredictFlags): Promise<void> {
  const input = await readInput(flags.input)
  const timeoutMs = Math.round(Number(flags.timeout) * 1000)
  if (!Number.isSafeInteger(timeoutMs)) throw new Problem('usage', `--timeout: '${flags.timeout}' is no number of seconds.`)
  const asked = { device, deployment: flags.model, timeoutMs }
  await withConsole(command, async ({ rpc }) => {
    const answer = await rpc.call('devices.predict', {
      ...asked,
      ...(input.kind === 'rows' ? { rows: cellsOf(input.rows) } : { request: input.request }),
    })
    const read = inferenceAnswer.safeParse(answer.response)
    return {
      json: answer,
      text() {
        const lines = read.success ? answerLines(read.data) : [JSON.stringify(answer.response)]
        for (const line of [...lines, `  answered by ${answer.device} in ${Math.round(answer.roundTripMs)} ms`]) printLine(line)
      },
    }
  })
}

type Cells = NonNullable<InputOf<'devices.predict'>['rows']>

/** Nested lists and objects are no cells: the contract refuses them by name. */
function cellsOf(rows: readonly unknown[][]): Cells {
  return rows as Cells
}

async function readInput(given: string): Promise<PredictInput> {
  if (given === '-') return readRequestText(await text(process.stdin), 'standard input')
  if (!/\.(json|csv)$/i.test(given)) return readRequestText(given, 'the row')
  try {
    return readRequestText(readFileSync(given, 'utf8'), given)
  } catch (error) {
    if (error instanceof Problem) throw error
    throw new Problem('data.invalid', `${given} cannot be read: ${messageOf(error)}`, { cause: error })
  }
}
