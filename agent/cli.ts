#!/usr/bin/env node
import { CommanderError, type Command } from 'commander'
import { Problem } from '../shared/domain/problem.ts'
import { addBatchCommand } from './cli/batch-command.ts'
import { addCarryCommand } from './cli/carry-command.ts'
import { addDoctorCommand } from './cli/doctor-command.ts'
import { addEnrollCommand } from './cli/enroll-command.ts'
import { addLockCommands } from './cli/lock-commands.ts'
import { printProblem } from './cli/output.ts'
import { addPredictCommand } from './cli/predict-command.ts'
import { createProgram } from './cli/program.ts'
import { addRunCommand } from './cli/run-command.ts'
import { addStatusCommand } from './cli/status-command.ts'

// Secret, spool and whatever a child of ours writes: nobody but the owner, also in a directory that others may enter.
process.umask(0o077)
const program = createProgram()
addEnrollCommand(program)
addRunCommand(program)
addStatusCommand(program)
addPredictCommand(program)
addBatchCommand(program)
addLockCommands(program)
addCarryCommand(program)
addDoctorCommand(program)
throwOnExit(program)

try {
  await program.parseAsync()
} catch (error) {
  const asJson = process.argv.includes('--json')
  if (!(error instanceof CommanderError)) process.exitCode = printProblem(error, asJson)
  else {
    // Commander has printed help, version or a usage error for a person itself.
    process.exitCode = error.exitCode === 0 ? 0 : 2
    if (asJson && error.exitCode !== 0) printProblem(usageProblem(error), asJson)
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
