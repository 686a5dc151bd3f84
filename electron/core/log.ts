import pino from 'pino'

export type Log = (level: 'info' | 'warn' | 'error', message: string, detail?: Record<string, unknown>) => void

/** Structured log of the console on standard error, with the field names of the Elastic Common Schema. */
export function createLog(options: { service: string; level: string }): Log {
  const logger = pino(
    {
      level: options.level,
      messageKey: 'message',
      base: { 'service.name': options.service, 'process.pid': process.pid },
      timestamp: () => `,"@timestamp":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ 'log.level': label }) },
    },
    pino.destination({ dest: 2, sync: true }),
  )
  return (level, message, detail) => logger[level](detail === undefined ? {} : { labels: detail }, message)
}
