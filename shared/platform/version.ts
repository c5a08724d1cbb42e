/** Of this package; a test keeps it equal to package.json, which no bundle can read. */
export const version = "0.1.0";
