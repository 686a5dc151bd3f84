import type { Command } from 'commander'
import { resolve } from 'node:path'
import { Problem } from '../../shared/domain/problem.ts'
import { askStatus } from '../control/socket.ts'
import { requireIdentity } from '../identity.ts'
import { answerLines } from '../../shared/inference/answer.ts'
import { predict } from '../predict/predict.ts'
import { readInput } from '../predict/read-input.ts'
import { printResult } from './output.ts'
import { addCommand, typed, type CommonOptions } from './program.ts'

interface PredictOptions extends CommonOptions {
  model: string
  input: string
}

/** Adds `muster-agent predict`. */
export function addPredictCommand(program: Command): void {
  addCommand(program, 'predict', 'ask a model of the running agent')
    .requiredOption('--model <name>', 'deployment or model, as in `muster-agent status`')
    .requiredOption('--input <input>', 'a row like 5.1,3.5,1.4,0.2, a .csv or .json file, or - for standard input')
    .action(async (options: PredictOptions) => {
      const directory = resolve(options.dir)
      requireIdentity(directory)
      const status = await askStatus(directory)
      if (status === null || status.httpUrl === null) {
        throw new Problem('agent.unreachable', `No agent runs in ${directory}.`, { hint: `Start it: ${typed('run', directory)}` })
      }
      const answer = await predict({ url: status.httpUrl, model: options.model, input: await readInput(options.input) })
      printResult(options.json, answer, answerLines(answer))
    })
}
