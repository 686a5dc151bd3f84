import type { Command } from 'commander'
import { resolve } from 'node:path'
import { systemClock } from '../clock.ts'
import { examine } from '../doctor/examine.ts'
import { selfCheck } from '../doctor/self-check.ts'
import { printResult } from './output.ts'
import { addCommand, type CommonOptions } from './program.ts'

/** Adds `muster-agent doctor`. */
export function addDoctorCommand(program: Command): void {
  addCommand(program, 'doctor', 'examine this agent and say what to do; exit code 1 if something fails')
    .option('--self-check', 'try the installation alone: storage, onnxruntime and a small model; needs no identity and no network', false)
    .action(async (options: CommonOptions & { selfCheck: boolean }) => {
      const findings = options.selfCheck
        ? await selfCheck()
        : await examine({ directory: resolve(options.dir), env: process.env, clock: systemClock })
      const lines = findings.flatMap(({ check, state, message, hint }) => [
        `${state.padEnd(9)} ${check.padEnd(11)} ${message}`,
        ...(hint === null ? [] : [`${''.padEnd(22)}${hint}`]),
      ])
      printResult(options.json, { ok: findings.every(({ state }) => state !== 'failed'), findings }, lines)
      if (findings.some(({ state }) => state === 'failed')) process.exitCode = 1
    })
}
