import { assert, assertEquals } from "@std/assert";
import { unpackModel } from "../../lib/wire/text_code/model.ts";
import { Grower } from "../../tools/text_model/grow.ts";
import { trainingText } from "../../tools/text_model/lines.ts";
import { pack } from "../../tools/text_model/pack.ts";
import { refine } from "../../tools/text_model/refine.ts";
import { type ContextNode, sizeOf } from "../../tools/text_model/tree.ts";

const OPTIONS = {
  deepest: 6,
  fewest: 2,
  symbolCost: 4,
  contextCost: 4,
  discount: 0.9,
};

function small(): ContextNode {
  const text = trainingText([
    { lines: ["see you tomorrow", "see you there", "See you!"], weight: 2 },
    { lines: ["it is 10:30", "OK", "don't know"], weight: 1 },
  ]);
  const root = new Grower(text, OPTIONS).grow();
  refine(root, text, OPTIONS, 2);
  return root;
}

Deno.test("text model is read as it was packed", () => {
  const root = small();
  const model = unpackModel(pack(root));
  assertEquals(model.contexts, sizeOf(root).contexts);
  assert(model.contexts > 5);
  const compare = (node: ContextNode, context: number) => {
    const from = model.first[context]!;
    const to = model.first[context + 1]!;
    assertEquals([...model.symbols.subarray(from, to)], node.symbols);
    const sizes = node.levels.map((level) => 2 ** level);
    assertEquals([...model.sizes.subarray(from, to)], sizes);
    node.longer.forEach((child, i) => {
      const longer = model.longer(context, node.older[i]!);
      assert(longer > context);
      compare(child, longer);
    });
  };
  compare(root, 0);
});
