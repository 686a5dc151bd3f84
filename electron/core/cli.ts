#!/usr/bin/env node
import { CommanderError, type Command } from 'commander'
import { errorCodeOf, Problem } from '../../shared/domain/problem.ts'
import { addAlertsCommands } from './cli/alerts-commands.ts'
import { addAuditCommands } from './cli/audit-commands.ts'
import { addBackupCommands } from './cli/backup-commands.ts'
import { addBrokerCommands } from './cli/broker-commands.ts'
import { addCarryCommands } from './cli/carry-commands.ts'
import { addCollectCommand } from './cli/collect-command.ts'
import { addConfigCommands } from './cli/config-commands.ts'
import { addConsoleCommand } from './cli/console-command.ts'
import { addCostCommands } from './cli/cost-commands.ts'
import { addDeployCommands } from './cli/deploy-commands.ts'
import { addEventsCommand } from './cli/device-history-commands.ts'
import { addDevicesCommands } from './cli/devices-commands.ts'
import { addForwardCommands } from './cli/forward-commands.ts'
import { addKeysCommands } from './cli/keys-commands.ts'
import { addLabelCommands } from './cli/label-commands.ts'
import { addLoginCommands } from './cli/login-commands.ts'
import { addMetricsCommands } from './cli/metrics-commands.ts'
import { addMlflowCommands } from './cli/mlflow-commands.ts'
import { addModelsCommands } from './cli/models-commands.ts'
import { addMonitorCommands } from './cli/monitor-commands.ts'
import { addOpenCommand } from './cli/open-command.ts'
import { addOrdersCommands } from './cli/orders-commands.ts'
import { printProblem } from './cli/output.ts'
import { addPeopleCommands } from './cli/people-commands.ts'
import { createProgram } from './cli/program.ts'
import { addOverviewCommands } from './cli/overview-commands.ts'
import { addPrivacyCommands } from './cli/privacy-commands.ts'
import { addQueriesCommands } from './cli/queries-commands.ts'
import { addReportCommands } from './cli/report-commands.ts'
import { addRolloutCommands } from './cli/rollout-commands.ts'
import { addSampleCommands } from './cli/sample-commands.ts'
import { addSetupCommands } from './cli/setup-commands.ts'
import { addSourcesCommands } from './cli/sources-commands.ts'
import { addSystemCommands } from './cli/system-commands.ts'
import { addTelemetryCommands } from './cli/telemetry-commands.ts'
import { addTokenCommands } from './cli/token-commands.ts'
import { addTrustCommand } from './cli/trust-commands.ts'

// Whoever reads us may have read enough, as `head` has: that is no failure.
process.stdout.on('error', (error) => {
  if (errorCodeOf(error) !== 'EPIPE') throw error
})
const program = createProgram()
addConsoleCommand(program)
addOpenCommand(program)
addSetupCommands(program)
addSampleCommands(program)
addLoginCommands(program)
addPeopleCommands(program)
addTokenCommands(program)
addTrustCommand(program)
addKeysCommands(program)
addSystemCommands(program)
addBackupCommands(program)
addOverviewCommands(program)
addDevicesCommands(program)
addBrokerCommands(program)
addQueriesCommands(program)
addModelsCommands(program)
addSourcesCommands(program)
addMlflowCommands(program)
addDeployCommands(program)
addOrdersCommands(program)
addRolloutCommands(program)
addCarryCommands(program)
addConfigCommands(program)
addCostCommands(program)
addTelemetryCommands(program)
addReportCommands(program)
addMonitorCommands(program)
addMetricsCommands(program)
addLabelCommands(program)
addAlertsCommands(program)
addAuditCommands(program)
addPrivacyCommands(program)
addForwardCommands(program)
addCollectCommand(program)
addEventsCommand(program)
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
