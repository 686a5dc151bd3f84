import { Problem } from '../../../shared/domain/problem.ts'

/** The secret in a variable of the environment: secrets stay out of the list of processes and of the history of the shell. */
export function fromEnvironment(flag: string, variable: string | undefined): string | undefined {
  if (variable === undefined) return undefined
  const value = process.env[variable]
  if (value === undefined || value === '') throw new Problem('usage', `${flag}: there is no environment variable ${variable}.`)
  return value
}
