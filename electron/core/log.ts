import pino from 'pino'
import { ECS_VERSION, ecsLabels } from '../../shared/domain/ecs.ts'
import { musterVersion } from '../../shared/domain/version.ts'

export type Log = (level: 'info' | 'warn' | 'error', message: string, detail?: Record<string, unknown>) => void

/** Structured log of the console on standard error, with the field names of the Elastic Common Schema. @param write for lines; a test keeps them */
export function createLog(options: { service: string; level: string }, write?: (line: string) => void): Log {
  const base = { 'ecs.version': ECS_VERSION, 'service.name': options.service, 'service.version': musterVersion, 'process.pid': process.pid }
  const logger = pino(
    {
      ...{ level: options.level, messageKey: 'message', base },
      timestamp: () => `,"@timestamp":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ 'log.level': label }) },
    },
    write === undefined ? pino.destination({ dest: 2, sync: true }) : { write },
  )
  return (level, message, detail) => logger[level](detail === undefined ? {} : fieldsOf(detail), message)
}

/** A cause and a stack have fields of their own in the schema; everything else is a label. */
function fieldsOf({ reason, stack, ...rest }: Record<string, unknown>): Record<string, unknown> {
  return {
    ...(typeof reason === 'string' ? { 'error.message': reason } : {}),
    ...(typeof stack === 'string' && stack !== '' ? { 'error.stack_trace': stack } : {}),
    ...(Object.keys(rest).length === 0 ? {} : { labels: ecsLabels(rest) }),
  }
}
