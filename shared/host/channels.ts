/** Channels between preload and main; each one checks its sender. Alone in this file, so that the preload carries nothing else. */
export const hostChannels = { connect: 'muster:connect', call: 'muster:call', port: 'muster:port', tell: 'muster:tell' } as const
