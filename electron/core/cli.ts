#!/usr/bin/env node
import { CommanderError, type Command } from 'commander'
import { Problem } from '../../shared/domain/problem.ts'
import { addConsoleCommand } from './cli/console-command.ts'
import { addDeployCommands } from './cli/deploy-commands.ts'
import { addDevicesCommands } from './cli/devices-commands.ts'
import { addModelsCommands } from './cli/models-commands.ts'
import { printProblem } from './cli/output.ts'
import { createProgram } from './cli/program.ts'
import { addSystemCommands } from './cli/system-commands.ts'
import { addTelemetryCommands } from './cli/telemetry-commands.ts'

const program = createProgram()
addConsoleCommand(program)
addSystemCommands(program)
addDevicesCommands(program)
addModelsCommands(program)
addDeployCommands(program)
addTelemetryCommands(program)
throwOnExit(program)

try {
  await program.parseAsync()
} catch (error) {
  const asJson = process.argv.includes('--json')
  if (!(error instanceof CommanderError)) process.exitCode = printProblem('muster', error, asJson)
  else {
    // Commander has printed help, version or a usage error for a person itself.
    process.exitCode = error.exitCode === 0 ? 0 : 2
    if (asJson && error.exitCode !== 0) printProblem('muster', usageProblem(error), asJson)
  }
}

/** The error without the `error: ` of Commander. */
function usageProblem(error: CommanderError): Problem {
  const isHelp = error.code === 'commander.help'
  return new Problem('usage', isHelp ? 'No command was given.' : error.message.replace(/^error: /, ''), { cause: error })
}

function throwOnExit(command: Command): void {
  command.exitOverride()
  for (const child of command.commands) throwOnExit(child)
}
