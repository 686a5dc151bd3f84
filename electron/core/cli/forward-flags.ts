import { readFileSync } from 'node:fs'
import { messageOf, Problem } from '../../../shared/domain/problem.ts'

/** Flags of `muster forward add` and `set`. */
export interface ForwardFlags {
  name?: string
  address?: string
  events?: string
  secretEnv?: string
  allowPrivate?: boolean
  persons?: boolean
  host?: string
  port?: string
  database?: string
  user?: string
  passwordEnv?: string
  schema?: string
  tls?: string
  ca?: string
}

/** Certificates of a file. @throws Problem `usage` */
export function readPem(file: string | undefined): string | undefined {
  if (file === undefined) return undefined
  try {
    const text = readFileSync(file, 'utf8')
    if (text.includes('-----BEGIN CERTIFICATE-----')) return text
  } catch (error) {
    throw new Problem('usage', `--ca: ${file} cannot be read: ${messageOf(error)}`, { cause: error })
  }
  throw new Problem('usage', `--ca: ${file} holds no certificate in PEM.`)
}
