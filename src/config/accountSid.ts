/** The source of a regular expression: `AC` and 32 letters or digits. */
export const ACCOUNT_SID = 'AC[A-Za-z0-9]{32}'
