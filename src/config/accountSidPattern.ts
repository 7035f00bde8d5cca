export const ACCOUNT_SID_PATTERN = 'AC[A-Za-z0-9]{32}'
