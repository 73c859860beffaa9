using System.Runtime.InteropServices;
using RealtimeGateway.Simulator.Voice;

namespace RealtimeGateway.Simulator.Conversations;

/// <summary>A colour that somebody named, as a value of CSS.</summary>
/// <param name="Css">A name or a hexadecimal value.</param>
/// <param name="At">The index of its first word.</param>
/// <param name="Length">How many words it takes.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct NamedColour(string Css, int At, int Length);

/// <summary>The colours that the model knows: the names of CSS Color 4, hexadecimal values, and "dark" and "light".</summary>
internal static class Colours
{
    private const int LongestName = 4;

    private static readonly Dictionary<string, string> Moods = new() { ["dark"] = "#202124", ["light"] = "#f5f5f5" };

    private static readonly HashSet<string> Names =
    [
        .. """
           aliceblue antiquewhite aqua aquamarine azure beige bisque black blanchedalmond blue blueviolet brown burlywood cadetblue
           chartreuse chocolate coral cornflowerblue cornsilk crimson cyan darkblue darkcyan darkgoldenrod darkgray darkgreen darkgrey
           darkkhaki darkmagenta darkolivegreen darkorange darkorchid darkred darksalmon darkseagreen darkslateblue darkslategray
           darkslategrey darkturquoise darkviolet deeppink deepskyblue dimgray dimgrey dodgerblue firebrick floralwhite forestgreen
           fuchsia gainsboro ghostwhite gold goldenrod gray green greenyellow grey honeydew hotpink indianred indigo ivory khaki lavender
           lavenderblush lawngreen lemonchiffon lightblue lightcoral lightcyan lightgoldenrodyellow lightgray lightgreen lightgrey
           lightpink lightsalmon lightseagreen lightskyblue lightslategray lightslategrey lightsteelblue lightyellow lime limegreen linen
           magenta maroon mediumaquamarine mediumblue mediumorchid mediumpurple mediumseagreen mediumslateblue mediumspringgreen
           mediumturquoise mediumvioletred midnightblue mintcream mistyrose moccasin navajowhite navy oldlace olive olivedrab orange
           orangered orchid palegoldenrod palegreen paleturquoise palevioletred papayawhip peachpuff peru pink plum powderblue purple
           rebeccapurple red rosybrown royalblue saddlebrown salmon sandybrown seagreen seashell sienna silver skyblue slateblue slategray
           slategrey snow springgreen steelblue tan teal thistle tomato turquoise violet wheat white whitesmoke yellow yellowgreen
           """.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries),
    ];

    /// <summary>The colours in words of lower case, the longest name first: "dark olive green" is one.</summary>
    public static IEnumerable<NamedColour> In(IReadOnlyList<string> words)
    {
        for (var at = 0; at < words.Count;)
        {
            var length = Enumerable.Range(1, Math.Min(LongestName, words.Count - at)).LastOrDefault(count => Css(words, at, count) is not null);
            if (length > 0) yield return new(Css(words, at, length)!, at, length);
            at += Math.Max(length, 1);
        }
    }

    /// <summary>The clip that says a colour, when the voice has recorded it.</summary>
    public static string? Clip(string css)
    {
        var mood = Moods.FirstOrDefault(pair => pair.Value == css).Key;
        var clip = ClipNames.ColourPrefix + (mood ?? css.ToLowerInvariant().Replace("gray", "grey", StringComparison.Ordinal));
        return Phrases.All.ContainsKey(clip) ? clip : null;
    }

    private static string? Css(IReadOnlyList<string> words, int at, int count)
    {
        var name = string.Concat(words.Skip(at).Take(count));
        if (Names.Contains(name)) return name;
        if (count > 1) return null;
        return IsHexadecimal(name) ? name : Moods.GetValueOrDefault(name);
    }

    private static bool IsHexadecimal(string word) =>
        word.StartsWith('#') && word.Length is 4 or 5 or 7 or 9 && word.Skip(1).All(char.IsAsciiHexDigit);
}
