const SID = /^(?:[a-zA-Z0-9]{34}|ID[a-zA-Z0-9]{32}-CA[a-zA-Z0-9]{32})$/

/** The shape of any SID; the letters in front are not looked at. */
export const isSid = (text: string): boolean => SID.test(text)
