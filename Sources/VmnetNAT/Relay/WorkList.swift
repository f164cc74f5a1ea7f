/// What waits for its turn, in order.
///
/// A class of its own, which says whether it is empty by a flag: every look at an array in a class is watched by the
/// language's runtime for others at the same time, and there are many looks at lists that are nearly always empty.
final class WorkList<Element> {
    private(set) var isEmpty = true
    private var elements: [Element] = []
    /// Those that are having their turn; empty in between, with its memory kept.
    private var serving: [Element] = []

    var count: Int { elements.count }

    func append(_ element: Element) {
        elements.append(element)
        isEmpty = false
    }

    /// Takes over what waits in another one.
    func append(taking other: WorkList) {
        other.takeEach { append($0) }
    }

    /// Gives each its turn. What is appended meanwhile waits for the next time, which does not begin in `body`.
    func takeEach(_ body: (Element) -> Void) {
        guard !isEmpty else { return }
        isEmpty = true
        swap(&elements, &serving)
        for element in serving { body(element) }
        serving.removeAll(keepingCapacity: true)
    }

    func removeAll(where isOver: (Element) -> Bool) {
        elements.removeAll(where: isOver)
        isEmpty = elements.isEmpty
    }
}
