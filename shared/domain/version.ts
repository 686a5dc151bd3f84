/** The version of Muster; a test keeps it equal to package.json. */
export const musterVersion = '0.1.0'
