/** The version of the lines of events. It changes where a field goes, or means something else; a new one is no change. */
export const VERSION = 2;
