/** The name of the console at an external broker. It has a dot, so no device can ever be called like it. */
export const CONSOLE_NAME = 'muster.console'
