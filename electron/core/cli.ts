#!/usr/bin/env node
import { CommanderError, type Command } from 'commander'
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
  // Commander has printed help, version or a usage error itself.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2
  else process.exitCode = printProblem('muster', error, process.argv.includes('--json'))
}

function throwOnExit(command: Command): void {
  command.exitOverride()
  for (const child of command.commands) throwOnExit(child)
}
