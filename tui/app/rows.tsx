import { Box, Text } from 'ink';
import { memo } from 'react';

/** One row of the screen. Ink measures and draws again only the rows whose text changed. */
const Row = memo(function Row({ text }: { readonly text: string }) {
  return <Text wrap="truncate">{text}</Text>;
});

/** Exactly the rows of the screen: Ink does not move to the top of the alternate screen itself. */
export function Rows({ lines }: { readonly lines: readonly string[] }) {
  return (
    <Box flexDirection="column">
      {lines.map((text, i) => (
        <Row key={i} text={text} />
      ))}
    </Box>
  );
}
