#!/usr/bin/env node
import { CommanderError, type Command } from 'commander'
import { addDoctorCommand } from './cli/doctor-command.ts'
import { addEnrollCommand } from './cli/enroll-command.ts'
import { printProblem } from './cli/output.ts'
import { addPredictCommand } from './cli/predict-command.ts'
import { createProgram } from './cli/program.ts'
import { addRunCommand } from './cli/run-command.ts'
import { addStatusCommand } from './cli/status-command.ts'

const program = createProgram()
addEnrollCommand(program)
addRunCommand(program)
addStatusCommand(program)
addPredictCommand(program)
addDoctorCommand(program)
throwOnExit(program)

try {
  await program.parseAsync()
} catch (error) {
  // Commander has printed help, version or a usage error itself.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2
  else process.exitCode = printProblem(error, process.argv.includes('--json'))
}

function throwOnExit(command: Command): void {
  command.exitOverride()
  for (const child of command.commands) throwOnExit(child)
}
